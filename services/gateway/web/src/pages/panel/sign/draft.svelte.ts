/** What was typed at the door, kept when one goes from one form to another. Passwords are not. */
export const draft = $state({ business: '', name: '', email: '' });
