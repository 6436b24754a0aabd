/** Light, dark, or as the device says. Kept on this device. */
export type Theme = 'light' | 'dark' | 'auto';

const STORED = 'sello.theme';

export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(STORED);
    return stored === 'light' || stored === 'dark' ? stored : 'auto';
  } catch {
    return 'auto';
  }
}

export function setTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'auto') localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, theme);
  } catch {
    // Then it lasts as long as the page.
  }
}
