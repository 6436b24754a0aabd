import { start } from '$lib/start';
import Card from './Card.svelte';
import { keepForOffline } from './worker';

start(Card);
keepForOffline();
