import { start } from '$lib/start';
import Panel from './Panel.svelte';

start(Panel);
