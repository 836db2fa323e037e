import type { Folders } from '../../src/folders.js';
import { startComposedService } from './composed-service.js';

/** Why the service refuses to start; undefined when it starts (and is stopped again, so that a failed test ends). */
export async function startError(folders?: Folders, settings?: Record<string, string>): Promise<unknown> {
  try {
    const service = await startComposedService(folders, settings);
    await service.close();
    return undefined;
  } catch (error) {
    return error;
  }
}
