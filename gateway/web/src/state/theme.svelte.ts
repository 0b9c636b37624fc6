// Light, dark, or as the system has it.
export type ThemeChoice = 'auto' | 'light' | 'dark';
const KEY = 'trainyard.theme';

class Theme {
  choice = $state<ThemeChoice>((localStorage.getItem(KEY) as ThemeChoice | null) ?? 'auto');
  /** Whether dark is what is shown; charts draw themselves anew when it changes. */
  dark = $state(false);

  constructor() {
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', () => this.apply(system.matches));
    this.apply(system.matches);
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    localStorage.setItem(KEY, choice);
    this.apply(matchMedia('(prefers-color-scheme: dark)').matches);
  }

  private apply(system: boolean): void {
    document.documentElement.dataset['theme'] = this.choice;
    this.dark = this.choice === 'dark' || (this.choice === 'auto' && system);
  }
}

export const theme = new Theme();
