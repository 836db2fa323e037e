/** The floor of the comparison: a bare Express route that parses the same body and answers a constant card. */
import express from 'express';

const CARD = {
  summary: 'A constant card',
  indicator: 'info',
  source: { label: 'floor' },
  detail: 'What it costs to receive a hook and to answer it, without looking into it.',
};

const app = express();
app.disable('x-powered-by');
app.post('/cds-services/:id', express.json({ limit: '10mb' }), (_request, response) => {
  response.json({ cards: [CARD] });
});

const server = app.listen(0, '127.0.0.1', () => {
  console.log(server.address().port);
});
