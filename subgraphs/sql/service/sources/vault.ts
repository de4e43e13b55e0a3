import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export interface Vault {
  /** Text that only this key opens; another each time. */
  seal(credentials: Readonly<Record<string, string>>): string;
  open(sealed: string): Record<string, string>;
}

const version = 'v1';

/** Seals credentials with AES-256-GCM under a key derived from the deployment's (RFC 5869): what is stored is write-only. */
export function createVault(key: string): Vault {
  const secret = Buffer.from(hkdfSync('sha256', key, 'source credentials', version, 32));
  return {
    seal(credentials) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce);
      const body = Buffer.concat([cipher.update(JSON.stringify(credentials), 'utf8'), cipher.final()]);
      return [version, ...[nonce, cipher.getAuthTag(), body].map((part) => part.toString('base64url'))].join('.');
    },
    open(sealed) {
      const [kind, ...parts] = sealed.split('.');
      const [nonce, tag, body] = parts.map((part) => Buffer.from(part, 'base64url'));
      if (kind !== version || !nonce || !tag || !body) throw new Error('sealed credentials of another form');
      const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: 16 });
      decipher.setAuthTag(tag);
      return JSON.parse(Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')) as Record<string, string>;
    },
  };
}
