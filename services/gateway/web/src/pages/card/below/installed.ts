/** Whether this page was opened from the home screen. */
export const isInstalled = matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true;
