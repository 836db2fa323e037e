/** The floor of the panel: reads lines from standard input and parses each, nothing else. */
import { createInterface } from 'node:readline';

let resources = 0;
for await (const line of createInterface({ input: process.stdin })) resources += JSON.parse(line).entry.length;
console.log(resources);
