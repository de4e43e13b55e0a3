import { createSecretBox } from './secret-box';

const box = createSecretBox('a deployment key of enough length 1234');

it('gives back what was sealed, each time sealed differently', () => {
  const [one, two] = [box.seal('sk-secret', 'acme'), box.seal('sk-secret', 'acme')];
  expect(one).not.toBe(two);
  expect(one).not.toContain('secret');
  expect([box.open(one, 'acme'), box.open(two, 'acme')]).toEqual(['sk-secret', 'sk-secret']);
});

it('refuses another context, another key, and any changed byte', () => {
  const sealed = box.seal('sk-secret', 'acme');
  expect(() => box.open(sealed, 'globex')).toThrow();
  expect(() => createSecretBox('another deployment key of enough length').open(sealed, 'acme')).toThrow();
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index]! ^= 1;
    expect(() => box.open(`v1.${changed.toString('base64url')}`, 'acme')).toThrow();
  }
});
