// Light or dark: as the system says, until a person chooses.

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'drover.theme';

class Appearance {
  theme = $state<Theme>((document.documentElement.dataset['theme'] as Theme | undefined) ?? 'system');

  choose(theme: Theme) {
    this.theme = theme;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    try {
      if (theme === 'system') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // It holds until the page is closed.
    }
  }
}

export const appearance = new Appearance();
