const key = 'parley.token';

/** A failure that the server explained. */
export class ApiError extends Error {
  constructor({ code, message, field, details }, status) {
    super(message);
    Object.assign(this, { code, field, details, status });
  }
}

export const token = {
  get: () => sessionStorage.getItem(key),
  set: (value) => sessionStorage.setItem(key, value),
  clear: () => sessionStorage.removeItem(key),
};

/** One request below /api/v1; gives the data of the envelope or throws its first error. */
export async function api(path, { method = 'GET', body, signal } = {}) {
  const headers = { Authorization: `Bearer ${token.get()}`, Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method === 'POST') headers['Idempotency-Key'] = newKey();
  let response;
  try {
    response = await fetch(`/api/v1${path}`, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause;
    throw new ApiError({ code: 'SERVICE_UNAVAILABLE', message: 'The server cannot be reached.' }, 0);
  }
  const envelope = await response
    .json()
    .catch(() => ({ success: false, errors: [{ code: 'INTERNAL_ERROR', message: 'The answer could not be read.' }] }));
  if (response.status === 401) document.dispatchEvent(new CustomEvent('signed-out'));
  if (!envelope.success) throw new ApiError(envelope.errors[0], response.status);
  return envelope.data;
}

// Not randomUUID, which pages served over plain HTTP do not have.
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Fetches a file below /api/v1 and hands it to the browser to keep. */
export async function save(path, filename) {
  const response = await fetch(`/api/v1${path}`, { headers: { Authorization: `Bearer ${token.get()}` } });
  if (!response.ok) throw new ApiError({ code: 'INTERNAL_ERROR', message: 'The file could not be made.' }, response.status);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const query = (values) => {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
};
