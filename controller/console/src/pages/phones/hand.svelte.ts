// A hand on one phone, or on many at once: what it does goes out in order, and who missed something is kept until a person
// has seen it, for such a phone is no longer where the others are.
import { api, call, faultOf, type Schema } from '../../api/client';

type Phone = Schema['DeviceItem'];
export type Act = Record<string, string | number> & { type: string };

/** What a phone did not do. */
export interface Miss {
  serial: string;
  name: string;
  act: string;
  message: string;
}

export class Hand {
  misses = $state.raw<Miss[]>([]);
  /** Acts that are on their way. */
  under = $state(0);
  #queue: Promise<void> = Promise.resolve();
  readonly #lead: () => Phone;
  readonly #also: () => Phone[];

  constructor(lead: () => Phone, also: () => Phone[]) {
    this.#lead = lead;
    this.#also = also;
  }

  /** Does it once everything before it was done. */
  do(act: Act): Promise<void> {
    const lead = this.#lead();
    const phones = [lead, ...this.#also()];
    this.under++;
    this.#queue = this.#queue.then(() => this.#send(act, lead, phones)).finally(() => this.under--);
    return this.#queue;
  }

  /** Shows each phone's index on its screen. */
  async identify() {
    const phones = [this.#lead(), ...this.#also()];
    await Promise.all(
      phones.map(async (phone) => {
        try {
          await call(api.POST('/api/v1/devices/{serial}/identify', { params: { path: { serial: phone.serial } } }));
        } catch (error) {
          this.#missed(phone, 'identify', faultOf(error).message);
        }
      }),
    );
  }

  forget() {
    this.misses = [];
  }

  async #send(act: Act, lead: Phone, phones: Phone[]) {
    // Those that are away are not asked: one that no host knows any more would stop it for all.
    const here = phones.filter((phone) => phone.state === 'online');
    for (const phone of phones) if (!here.includes(phone)) this.#missed(phone, act.type, phone.state_reason ?? phone.state);
    try {
      if (here.length === 1 && here[0] === lead) {
        await call(api.POST('/api/v1/devices/{serial}/input', { params: { path: { serial: lead.serial } }, body: act as never }));
      } else if (here.length) {
        const of = lead.resolution ? { width: lead.resolution.width, height: lead.resolution.height } : {};
        const serials = here.map((phone) => phone.serial);
        const answer = await call(api.POST('/api/v1/devices/input', { body: { ...act, ...of, serials } as never }));
        for (const one of answer.results) {
          const phone = here.find((phone) => phone.serial === one.serial);
          if (phone && !one.done) this.#missed(phone, act.type, one.message);
        }
      }
    } catch (error) {
      for (const phone of here) this.#missed(phone, act.type, faultOf(error).message);
    }
  }

  #missed(phone: Phone, act: string, message: string) {
    const name = phone.name || phone.serial;
    this.misses = [...this.misses, { serial: phone.serial, name, act, message }].slice(-200);
  }
}
