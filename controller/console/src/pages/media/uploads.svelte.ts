// Files on their way into the library: two at once, each with how far it is and what became of it.
import { Fault, faultOf, refused } from '../../api/client';
import { session } from '../../api/session.svelte';

export interface Upload {
  id: number;
  name: string;
  size: number;
  /** 0 to 1. */
  share: number;
  state: 'waiting' | 'sending' | 'done' | 'known' | 'failed';
  fault?: Fault;
}

export interface Wishes {
  tags: string[];
  caption: string;
  username: string;
}

const AT_ONCE = 2;
const TYPES: Record<string, string> = { mp4: 'video/mp4', jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png' };

export class Uploads {
  list = $state<Upload[]>([]);
  #files = new Map<number, { file: File; wishes: Wishes }>();
  #sending = 0;
  #next = 1;

  get busy(): boolean {
    return this.list.some((upload) => upload.state === 'waiting' || upload.state === 'sending');
  }

  add(files: Iterable<File>, wishes: Wishes) {
    for (const file of files) {
      const id = this.#next++;
      this.#files.set(id, { file, wishes });
      this.list.push({ id, name: file.name, size: file.size, share: 0, state: 'waiting' });
    }
    this.#pump();
  }

  clear() {
    this.list = this.list.filter((upload) => upload.state === 'waiting' || upload.state === 'sending');
  }

  #pump() {
    while (this.#sending < AT_ONCE) {
      const upload = this.list.find((one) => one.state === 'waiting');
      const waiting = upload && this.#files.get(upload.id);
      if (!upload || !waiting) return;
      upload.state = 'sending';
      this.#sending++;
      void send(waiting.file, waiting.wishes, (share) => (upload.share = share))
        .then((isNew) => (upload.state = isNew ? 'done' : 'known'))
        .catch((error: unknown) => Object.assign(upload, { state: 'failed', fault: faultOf(error) }))
        .finally(() => {
          this.#files.delete(upload.id);
          this.#sending--;
          this.#pump();
        });
    }
  }
}

/** Sends one file; answers whether it is new. By XMLHttpRequest, for `fetch` does not say how far it is. */
function send(file: File, wishes: Wishes, progress: (share: number) => void): Promise<boolean> {
  const query = new URLSearchParams({ name: file.name });
  if (wishes.tags.length) query.set('tags', wishes.tags.join(','));
  if (wishes.caption.trim()) query.set('caption', wishes.caption);
  if (wishes.username.trim()) query.set('username', wishes.username.trim());
  const end = file.name.split('.').at(-1)?.toLowerCase() ?? '';
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/materials?${query}`);
    request.setRequestHeader('content-type', TYPES[end] ?? 'application/octet-stream');
    if (session.token) request.setRequestHeader('authorization', `Bearer ${session.token}`);
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => failed(new Fault(0, ''));
    request.onload = () => {
      try {
        const told = JSON.parse(request.responseText);
        if (told.code === 0) done(told.data.created);
        else failed(refused(told.code, told.message));
      } catch {
        failed(new Fault(request.status, `HTTP ${request.status}`));
      }
    };
    request.send(file);
  });
}
