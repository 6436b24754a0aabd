import { start } from '$lib/start';
import Till from './Till.svelte';

start(Till);
