import Sequencer from '@jest/test-sequencer';

/** Runs test files in the order of the list that `TESTS_IN_TURN` names, parted by commas. */
export default class NearestFirst extends Sequencer {
  sort(tests) {
    const turns = (process.env.TESTS_IN_TURN ?? '').split(',');
    const turnOf = ({ path }) => turns.findIndex((turn) => path.endsWith(turn));
    return [...tests].sort((one, other) => turnOf(one) - turnOf(other));
  }
}
