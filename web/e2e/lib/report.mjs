// Runs named checks one after another and counts them. A failed check does not stop those after it.
import { AssertionError } from 'node:assert';

export class Report {
  passed = 0;
  failed = 0;

  async check(name, run) {
    const start = Date.now();
    try {
      await run();
      this.passed += 1;
      console.log(`ok    ${name} (${Date.now() - start} ms)`);
    } catch (error) {
      this.failed += 1;
      console.log(`FAIL  ${name}`);
      const text = error instanceof AssertionError ? error.message : (error.stack ?? String(error));
      console.log(text.replace(/^/gm, '      '));
    }
  }

  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0;
  }
}
