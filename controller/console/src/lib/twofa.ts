// Whether a password carries a 2FA secret, by the controller's own rule, so that it shows as one types.

const SHORTEST = 16;

/** On Instagram alone: behind the last colon, if that is Base32 of 16 characters or more; blanks and case do not matter. */
export function carriesSecret(platform: string, password: string): boolean {
  if (platform !== 'instagram') return false;
  const colon = password.lastIndexOf(':');
  if (colon < 0) return false;
  const secret = password.slice(colon + 1).replace(/\s/g, '').toUpperCase();
  const letters = secret.replace(/=+$/, '');
  // Of a last group of eight, these many characters stand for no whole byte.
  return letters.length >= SHORTEST && /^[A-Z2-7]+$/.test(letters) && ![1, 3, 6].includes(letters.length % 8);
}
