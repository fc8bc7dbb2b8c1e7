/** Verifications as they are stored: how many attempts were made, and what came of them. */
import { bare, own } from './options.js';
import type { Purpose, Verdict } from './purpose.js';
import { parseObject } from './service.js';
import type { VerificationStore } from './store.js';
import type { VerificationResult } from './types.js';

/** A verification as it is stored. */
export interface Entry {
  purpose: Purpose;
  subject?: string | undefined;
  userToken?: string | undefined;
  expiresAt: number;
  status: 'pending' | 'passed' | 'failed';
  /** Requests to the service, whatever came of them. */
  calls: number;
  /** Attempts that were begun and not given back. */
  attempts: number;
  /** Attempts that the service has judged. */
  judged: number;
  requestIds: string[];
  code?: string | undefined;
  similarity?: number | undefined;
  threshold?: number | undefined;
  at?: number | undefined;
}

export interface Ledger {
  add(id: string, entry: Pick<Entry, 'purpose' | 'subject' | 'userToken' | 'expiresAt'>): Promise<void>;
  find(id: string): Promise<Entry | undefined>;
  /** Whether an attempt may begin. */
  isOpen(entry: Entry): boolean;
  /** Begins an attempt; of many at the same moment, only as many as are left. */
  begin(id: string): Promise<boolean>;
  /**
   * Ends an attempt with its verdict, or gives it back without one. Returns the verification as it is then,
   * unless it was final or forgotten before.
   */
  end(id: string, requestId: string, verdict: Verdict | undefined): Promise<Entry | undefined>;
}

/** Time in which a request that is pending when its ticket expires may still end, in milliseconds. */
const GRACE_MS = 120_000;
/** Requests for each attempt: what the service does not judge is repeated, but not for ever. */
const CALLS_PER_ATTEMPT = 3;
const MAX_REQUEST_IDS = 20;

export function createLedger(store: VerificationStore, ttl: number, maxAttempts: number): Ledger {
  const lifetime = ttl + GRACE_MS;
  const maxCalls = CALLS_PER_ATTEMPT * maxAttempts;

  const isOpen = ({ status, expiresAt, attempts, judged, calls, purpose }: Entry) =>
    status === 'pending' &&
    Date.now() < expiresAt &&
    attempts < maxAttempts &&
    calls < maxCalls &&
    // Two enrolments at the same moment would make two users.
    (purpose !== 'enrol' || attempts === judged);

  /** Changes a verification that is not final, unless `change` returns `false`. */
  async function update(id: string, change: (entry: Entry) => boolean): Promise<Entry | undefined> {
    let changed: Entry | undefined;
    const replace = (value: string) => {
      const entry = toEntry(value);
      changed = entry?.status === 'pending' && change(entry) ? entry : undefined;
      return changed && JSON.stringify(changed);
    };
    await store.update(toKey(id), replace, lifetime);
    return changed;
  }

  return {
    add(id, { purpose, subject, userToken, expiresAt }) {
      const counts = { calls: 0, attempts: 0, judged: 0, requestIds: [] };
      const entry: Entry = { purpose, subject, userToken, expiresAt, status: 'pending', ...counts };
      return store.set(toKey(id), JSON.stringify(entry), lifetime);
    },
    async find(id) {
      const value = await store.get(toKey(id));
      return value === undefined ? undefined : toEntry(value);
    },
    isOpen,
    async begin(id) {
      const changed = await update(id, (entry) => {
        if (!isOpen(entry)) return false;
        entry.calls += 1;
        entry.attempts += 1;
        return true;
      });
      return changed !== undefined;
    },
    end: (id, requestId, verdict) =>
      update(id, (entry) => {
        entry.at = Date.now();
        entry.requestIds = [...entry.requestIds, requestId].slice(-MAX_REQUEST_IDS);
        if (verdict) {
          const { passed, code, similarity, threshold, userToken = entry.userToken } = bare(verdict);
          Object.assign(entry, { code, similarity, threshold, userToken });
          entry.judged += 1;
          if (passed) entry.status = 'passed';
        } else {
          entry.attempts -= 1;
        }
        const isIdle = entry.attempts === entry.judged;
        const isUsedUp = entry.attempts >= maxAttempts || entry.calls >= maxCalls;
        // The last of several attempts at the same moment may still pass.
        if (entry.status === 'pending' && isIdle && isUsedUp) entry.status = 'failed';
        return true;
      }),
  };
}

/** Returns the server's view of a verification. */
export function toResult(id: string, entry: Entry): VerificationResult {
  const { subject, purpose, status, code, similarity, threshold, attempts, userToken, requestIds, at } =
    entry;
  const isExpired = status === 'pending' && Date.now() >= entry.expiresAt;
  return {
    ...{ id, subject, purpose, status: isExpired ? 'expired' : status, code, similarity, threshold },
    ...{ attempts, userToken, requestIds, at },
  };
}

const toKey = (id: string) => `perse-verification:${id}`;

function toEntry(value: string): Entry | undefined {
  const entry = parseObject(value);
  return typeof own(entry, 'purpose') === 'string' ? bare(entry as Entry) : undefined;
}
