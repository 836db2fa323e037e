import { expect } from '@jest/globals';
import { readConfig } from '../../src/config.js';
import { ServiceError } from '../../src/errors.js';

/** The lines of the start-up error without its heading. */
export function problems(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: 'invalid-config' });
    const [heading, ...lines] = (error as ServiceError).message.split('\n  ');
    expect(heading).toBe('The configuration is not valid:');
    return lines;
  }
  throw new Error('the configuration was accepted');
}
