/** The lower floor: nothing but node:http, which parses the same body and answers a constant card. */
import { createServer } from 'node:http';

const ANSWER = JSON.stringify({
  cards: [{ summary: 'A constant card', indicator: 'info', source: { label: 'floor' } }],
});

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString('utf8'));
    response.setHeader('Content-Type', 'application/json');
    response.end(ANSWER);
  });
});

server.listen(0, '127.0.0.1', () => {
  console.log(server.address().port);
});
