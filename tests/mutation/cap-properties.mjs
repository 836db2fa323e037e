import fc from 'fast-check';

// A mutant that a property does not notice at once is another test's to notice; shrinking serves nobody here.
fc.configureGlobal({ interruptAfterTimeLimit: 80, markInterruptAsFailure: false, endOnFailure: true });
