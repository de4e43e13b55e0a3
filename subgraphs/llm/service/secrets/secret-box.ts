import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Encrypts provider keys at rest: AES-256-GCM, a fresh nonce each time, bound to the tenant and provider that the key belongs to. */
export interface SecretBox {
  seal(plain: string, context: string): string;
  /** Throws where the text was changed, belongs to another context, or was sealed with another key. */
  open(sealed: string, context: string): string;
}

export function createSecretBox(encryptionKey: string): SecretBox {
  const key = createHash('sha256').update(encryptionKey).digest();
  return {
    seal(plain, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed.slice(3), 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    },
  };
}
