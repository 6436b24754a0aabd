import { start } from '$lib/start';
import Gallery from './Gallery.svelte';

start(Gallery);
