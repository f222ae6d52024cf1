import type { Factors } from '../../api/types';
import { fetchFactors } from './queries';

/** The second factors of whoever is signed in, and recovery codes that were shown and not kept yet. */
export class FactorState {
  all = $state.raw<Factors>();
  error = $state.raw<unknown>();
  codes = $state.raw<readonly string[]>();

  get any(): boolean {
    return this.all !== undefined && (this.all.totp_since !== null || this.all.passkeys.length > 0);
  }

  async load(): Promise<void> {
    this.error = undefined;
    try {
      this.all = await fetchFactors();
    } catch (error) {
      this.error = error;
    }
  }

  /** Something was set up; the first time there are recovery codes with it. */
  async added(codes: readonly string[] | undefined): Promise<void> {
    if (codes?.length) this.codes = codes;
    await this.load();
  }
}
