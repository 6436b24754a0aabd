import { start } from '$lib/start';
import Card from './Card.svelte';

start(Card);
