// In which language a page speaks: every word of it that is neither a name nor a term that both languages write alike.
import type { Page } from 'playwright-core';

/** Written so in Korean too: the product, units, formats, keys, and what the field has no other word for. */
const TERMS = new Set(
  [
    'Trainyard English JSON JSONL CSV ZIP API REST curl Python JavaScript NATS URL HTTP SHA ONNX Escape Esc Ctrl Enter Shift',
    'CPU GPU cpu gpu safetensors px ms kB KiB MiB GiB TiB MB GB JPEG PNG WebP BMP GIF',
    'YOLO COCO Pascal VOC CVAT for images Label Studio LabelMe Create ML MIT Apache BSD',
    'SGD Adam AdamW EMA DFL mAP AP IoU F1 PR EXIF AUC ECE HSV RandAugment',
  ]
    .join(' ')
    .split(' '),
);
/** Names of the tests' own: datasets, classes, models, tenants, people. */
const NAMES = new Set(
  '한국어 박지민 고양이 두-숫자 긁힘 양품 part shared digits trees tree champion acme dog screw scratch scratches ok circle square triangle sample shapes vision test rack NVIDIA local bootstrap'.split(
    ' ',
  ),
);
/** What people say in the conversations of the tests. */
const SAID = ['양품과 스크래치를 구분하는 모델을 30 에폭 학습해줘'];
/** Names have digits, dots, slashes and the like in them: paths, models, workers, hashes. */
const NAMED = /[\d_./@:#=-]/;

/** What a page says to people: texts in sight, and what stands for them. Code, and what is marked as of another language, is not. */
function said(): string[] {
  const APART = 'code, pre, .mono, textarea, script, style, noscript, kbd, svg text, canvas';
  const own = document.documentElement.lang;
  const isOther = (element: Element) => {
    const marked = element.closest('[lang]')?.getAttribute('lang') ?? own;
    return marked !== own || element.closest(APART) !== null;
  };
  const found: string[] = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent?.trim();
    if (text && node.parentElement && !isOther(node.parentElement)) found.push(text);
  }
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [alt], [aria-valuetext]')) {
    if (isOther(element)) continue;
    for (const name of ['aria-label', 'placeholder', 'alt', 'aria-valuetext']) {
      const text = element.getAttribute(name)?.trim();
      if (text) found.push(text);
    }
  }
  return found;
}

/** Sentences that are not in the language of the page: on a Korean one Latin words, on an English one Hangul. */
export async function foreign(page: Page): Promise<string[]> {
  const language = await page.evaluate(() => document.documentElement.lang);
  const texts = [...new Set(await page.evaluate(said))];
  const known = new Set([...SAID, ...NAMES]);
  if (language === 'en') {
    const rest = (text: string) => [...known].reduce((left, name) => left.replaceAll(name, ''), text);
    return texts.filter((text) => /[가-힣]/.test(rest(text)));
  }
  const isForeign = (word: string) => {
    const bare = word.replace(/[^A-Za-z]/g, '');
    return bare.length > 1 && !NAMED.test(word) && !TERMS.has(bare) && !known.has(bare);
  };
  // What people have called something stands in quotes.
  const words = (text: string) => text.replace(/"[^"]*"/g, ' ').split(/[\s·,;()[\]{}…→←↑↓×✓✗★“”‘’'!?|<>가-힣]+/);
  return texts.flatMap((text) => {
    const found = words(text)
      .map((word) => word.replace(/^[.:]+|[.:]+$/g, ''))
      .filter(isForeign);
    return found.length ? [`${found.join(', ')} in “${text.slice(0, 160)}”`] : [];
  });
}
