export { catalogue, type Blame, type CatalogueEntry, type ErrorCode } from './catalogue';
export { AppError, errors, type AppErrorOptions, type ErrorParameters } from './app-error';
export { findAppError, isErrorCode, toPublicError, type PublicError } from './public-error';
export { nearestName } from './nearest-name';
export { speakPlainly } from './plain-issues';
export { readInput } from './read-input';
