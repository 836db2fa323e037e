import { FOLDERS } from '/work/wt/latency/dist/compose.js';
import { loadKnowledge } from '/work/wt/latency/dist/reasoning/knowledge.js';
import { gather } from '/work/wt/latency/dist/patient-data/gather.js';
import { evaluate } from '/work/wt/latency/dist/reasoning/evaluate.js';
import { prefetchQueries, prefetchTemplates } from '/work/wt/latency/dist/patient-data/prefetch-templates.js';
import { parseCdsRequest } from '/work/wt/latency/dist/cds-hooks.js';
import { syntheticRecord, hookRequest } from '/work/wt/latency/tests/bench/synthetic-record.mjs';
import { Session } from 'node:inspector/promises';
import { writeFileSync } from 'node:fs';
const size=Number(process.env.SIZE??2000), W=Number(process.env.W??150), M=Number(process.env.M??150);
const knowledge = loadKnowledge(FOLDERS);
const queries = prefetchQueries(knowledge.requirements);
const text=JSON.stringify({hookInstance:'d1577c69-dfbe-44ad-ba6d-3e05e953b2ea',...hookRequest({hook:'patient-view',prefetch:prefetchTemplates(knowledge.requirements)}, syntheticRecord(size))});
const now=new Date();const signal=AbortSignal.timeout(600000);
const reqs=Array.from({length:4},()=>parseCdsRequest(JSON.parse(text),'patient-view'));
const tools={queries,openFhirServer:()=>undefined,ingredientNames:knowledge.ingredientNames,now,signal};
const q=(a,p)=>{const s=[...a].sort((x,y)=>x-y);return s[Math.floor(s.length*p)].toFixed(3)};
let s; const g=[],e=[];
async function run(n,keep){for(let i=0;i<n;i++){const a=performance.now();const rec=await gather(reqs[i%4],tools);const b=performance.now();const ev=await evaluate(knowledge,rec,{now,offsetMinutes:0});const c=performance.now();if(keep){g.push(b-a);e.push(c-b);}}}
await run(W);
if(process.env.PROF){s=new Session();s.connect();await s.post('Profiler.enable');await s.post('Profiler.setSamplingInterval',{interval:100});await s.post('Profiler.start');}
await run(M,true);
if(s){const{profile}=await s.post('Profiler.stop');writeFileSync(process.env.PROF,JSON.stringify(profile));}
console.log(size,'gather min',q(g,0),'p10',q(g,.1),'p25',q(g,.25),'p50',q(g,.5),'evaluate min',q(e,0),'p10',q(e,.1),'p25',q(e,.25),'p50',q(e,.5));
process.exit(0);
