// A file of the controller, saved where the browser saves files; with the token, which a plain link cannot send.
import { faultOf, file } from '../api/client';
import { say } from './asking.svelte';

const KEPT_MS = 10_000;

export async function download(url: string, name: string) {
  try {
    const blob = URL.createObjectURL(await file(url));
    Object.assign(document.createElement('a'), { href: blob, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(blob), KEPT_MS);
  } catch (error) {
    say(faultOf(error).message, 'bad');
  }
}
