import 'reflect-metadata';

import { speakPlainly } from '#platform/errors';

// As the service does at its start.
speakPlainly();
