// The request that a form makes, as a line for a shell.

/** For bash and its kin; a quote in the text is written so that it stays one. */
export function curl(origin: string, path: string, body: unknown, hasToken: boolean): string {
  const token = hasToken ? ` -H 'Authorization: Bearer TOKEN'` : '';
  const json = JSON.stringify(body).replaceAll("'", `'\\''`);
  return `curl${token} -d '${json}' ${origin}${path}`;
}
