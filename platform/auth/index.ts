export { definePermissions, hasRole, roles, tiers, type Caller, type Permissions, type Role, type Tier } from './caller';
export { createTokenVerifier, type TokenVerifier, type TokenVerifierOptions, type VerifiedToken } from './token-verifier';
export { signContext, verifySignedContext, type SignedContext } from './signed-context';
export { createTenantDirectory, type TenantDirectory, type TenantDirectoryOptions, type TenantRecord } from './tenants';
export { mintToken, type TokenRequest } from './mint-token';
export { createOpenStreams, type OpenStreams } from './open-streams';
