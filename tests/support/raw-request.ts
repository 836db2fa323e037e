import { request } from 'node:http';

export interface RawAnswer {
  status: number;
  type: string;
  body: string;
}

/** A request as it is said: any method that Node can send, any path, headers in order and as often as they come. */
export function rawRequest(
  base: string,
  { method, path, headers, body = '' }: { method: string; path: string; headers: readonly string[]; body?: string },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const options = { hostname, port, method, path, headers: [...headers], agent: false, setHost: false };
    const outgoing = request(options, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk) => (text += String(chunk)));
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, type: incoming.headers['content-type'] ?? '', body: text });
      });
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.setTimeout(60_000, () => outgoing.destroy(new Error('No answer within a minute.')));
    outgoing.end(body);
  });
}
