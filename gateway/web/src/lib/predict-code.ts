// The lines of code that ask a model about an image, in each language that they are offered in. Pure.

/** The variable that a program without a token of its own takes one from. */
const VARIABLE = 'TRAINYARD_TOKEN';

export const KINDS = ['curl', 'Python', 'JavaScript'] as const;
export type Kind = (typeof KINDS)[number];

/** `token` is the token, or what stands for it; null is the one in `TRAINYARD_TOKEN`. */
export function predictCode(kind: Kind, url: string, token: string | null): string {
  if (kind === 'curl') return curl(url, token ?? `$${VARIABLE}`);
  return kind === 'Python' ? python(url, token) : javascript(url, token);
}

function curl(url: string, token: string): string {
  return `curl -H "Authorization: Bearer ${token}" -F image=@photo.jpg \\\n  ${url}`;
}

function python(url: string, token: string | null): string {
  const bearer = token === null ? `"Bearer " + os.environ["${VARIABLE}"]` : `"Bearer ${token}"`;
  return [
    ...(token === null ? ['import os', ''] : []),
    'import requests',
    '',
    `url = "${url}"`,
    `headers = {"Authorization": ${bearer}}`,
    'with open("photo.jpg", "rb") as image:',
    '    answer = requests.post(url, headers=headers, files={"image": image})',
    'answer.raise_for_status()',
    'for seen in answer.json()["predictions"]:',
    '    print(seen["class"], seen["confidence"], seen["bbox"])',
  ].join('\n');
}

function javascript(url: string, token: string | null): string {
  const bearer = token === null ? `"Bearer " + process.env.${VARIABLE}` : `"Bearer ${token}"`;
  return [
    `const form = new FormData();`,
    `form.append("image", file); // a File or a Blob`,
    `const answer = await fetch("${url}", {`,
    `  method: "POST",`,
    `  headers: { Authorization: ${bearer} },`,
    `  body: form,`,
    `});`,
    `if (!answer.ok) throw new Error(await answer.text());`,
    `for (const seen of (await answer.json()).predictions) {`,
    `  console.log(seen.class, seen.confidence, seen.bbox);`,
    `}`,
  ].join('\n');
}
