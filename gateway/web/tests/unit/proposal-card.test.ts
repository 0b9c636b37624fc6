// A proposal among others: what is other in it than in the one before, what it may be changed to, and an earlier one folded.
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import golden from '../golden/folds.json';
import { i18n } from '../../src/i18n/i18n.svelte';
import { former } from '../../src/lib/conversation';
import ProposalCard from '../../src/ui/ProposalCard.svelte';
import type { ChatMessage, Proposal } from '../../src/wire/rows';

const messages = golden
  .find((story) => story.name === 'a chat')!
  .steps.map((step) => step.message as unknown as ChatMessage);
const first = { ...messages[1]!.proposal!, missing: [] } as Proposal;
const second: Proposal = { ...first, hash: 'b'.repeat(64), config: { ...first.config, epochs: 12, momentum: 0.8 } };
const nothing = { chat: 'a-chat', change: vi.fn(), decide: vi.fn(), language: 'en' as const };

beforeEach(() => i18n.choose('en'));
afterEach(cleanup);

/** What is seen without opening anything. */
const inSight = () => {
  const rest = document.querySelector('details')!;
  return [...document.querySelectorAll('.field')].filter((one) => !rest.contains(one)).map((one) => one.textContent);
};

it('marks what is other than in the one before it, and says what that was', () => {
  render(ProposalCard, { props: { ...nothing, proposal: second, before: first, outcome: null } });
  const field = screen.getByLabelText('Epochs').closest<HTMLElement>('.field')!;
  expect(field.classList.contains('changed')).toBe(true);
  expect(within(field).getByText(/was 30/)).toBeTruthy();
  expect(screen.getByLabelText('Batch size').closest('.field')!.classList.contains('changed')).toBe(false);
  expect(screen.getByText('Momentum').parentElement!.textContent).toContain('was 0.9');
});

it('folds to that when another has taken its place, and the first of all to what was said', () => {
  render(ProposalCard, { props: { ...nothing, proposal: second, before: first, outcome: 'replaced' } });
  expect(inSight()).toHaveLength(2);
  expect(inSight().join()).toMatch(/Epochs\s*12.*Momentum\s*0\.8/s);
  expect(within(document.querySelector('details')!).getByText('Model')).toBeTruthy();
  cleanup();
  render(ProposalCard, { props: { ...nothing, proposal: first, outcome: 'replaced' } });
  expect(inSight().join()).toMatch(/^Epochs\s*30[^,]*$/);
  cleanup();
  render(ProposalCard, { props: { ...nothing, proposal: second, before: first, outcome: 'approved' } });
  expect(inSight().length, 'what was approved is whole').toBeGreaterThan(5);
});

it('is held against the one that it took the place of, and not against one that was decided', () => {
  const [proposed, approved] = [messages[1]!, messages[3]!];
  const again = { ...proposed, sequence: proposed.sequence + 0.5 };
  expect(former(messages, proposed)).toBeNull();
  expect(former([...messages.slice(0, 2), again], again)).toBe(proposed.proposal);
  expect(former(messages, { ...proposed, sequence: approved.sequence + 1 }), 'a decision is between').toBeNull();
});

it.each([
  ['Epochs', 'From 1 to 10000'],
  ['Learning rate', 'Above 0, up to 10'],
  ['Early stop after', '1 or more'],
] as const)('says what %s may be while one is in it', async (name, bounds) => {
  render(ProposalCard, { props: { ...nothing, proposal: first, outcome: null } });
  const field = screen.getByLabelText(name);
  await fireEvent.focus(field);
  const described = field.getAttribute('aria-describedby')!.split(' ');
  expect(described.map((id) => document.getElementById(id)?.textContent)).toContain(bounds);
});

it('asks for other resources as they are written, once they can be read, and for none where nothing is written', async () => {
  const asks = { ...first, config: { ...first.config, resources: { gpus: 2, gpu: 'H100' } } } as Proposal;
  const change = vi.fn();
  render(ProposalCard, { props: { ...nothing, change, proposal: asks, outcome: null } });
  const field = screen.getByLabelText<HTMLInputElement>('Resources');
  expect(field.value).toBe('2 x H100');
  await fireEvent.input(field, { target: { value: '9 x H100' } });
  expect(screen.getByRole('alert').textContent).toContain('1 to 8 GPUs');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: /^Change/ }).disabled).toBe(true);
  await fireEvent.input(field, { target: { value: '4 x A100, zone=a' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  expect(change).toHaveBeenLastCalledWith({ resources: { gpus: 4, gpu: 'A100', labels: { zone: 'a' } } });
  await fireEvent.input(field, { target: { value: ' ' } });
  await fireEvent.click(screen.getByRole('button', { name: /^Change/ }));
  expect(change).toHaveBeenLastCalledWith({ resources: null });
});
