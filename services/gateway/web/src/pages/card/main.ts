import { start } from '$lib/start';
import Card from './Card.svelte';
import { offerInstall } from './install.svelte';
import { keepForOffline } from './worker';

start(Card);
offerInstall();
keepForOffline();
