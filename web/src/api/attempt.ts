import { idempotencyKey } from './client';

/** A create that may have to be sent again: the same body is the same attempt, another body makes another record. */
export class Attempt {
  private sent = '';
  private key = '';

  keyFor(body: object): string {
    const text = JSON.stringify(body);
    if (text !== this.sent) [this.sent, this.key] = [text, idempotencyKey()];
    return this.key;
  }
}
