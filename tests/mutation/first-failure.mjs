import { TestEnvironment } from 'jest-environment-node';

/** The variable in which Stryker names the mutant that is tried. */
const MUTANT = '__STRYKER_ACTIVE_MUTANT__';

let noticed;

/** Runs no further test once one has noticed the mutant: neither Stryker nor jest stops within a run. */
export default class FirstFailure extends TestEnvironment {
  handleTestEvent({ name, test }, { rootDescribeBlock }) {
    const mutant = process.env[MUTANT];
    if (mutant === undefined) return;
    if (name === 'test_done' && test.errors.length > 0) noticed = mutant;
    if (noticed !== mutant) return;
    if (name === 'run_start') leaveOut(rootDescribeBlock);
    if (name === 'test_start') test.mode = 'skip';
  }
}

/** With it goes what prepares for its tests. */
function leaveOut(block) {
  block.mode = 'skip';
  block.children.filter(({ type }) => type === 'describeBlock').forEach(leaveOut);
}
