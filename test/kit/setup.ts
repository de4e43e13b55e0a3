import 'reflect-metadata';

import { configureGlobal } from 'fast-check';

import { speakPlainly } from '#platform/errors';

import { seed } from './seed';

// As the service does at its start.
speakPlainly();

// A run that fails can be run again: what is random is the same in each.
configureGlobal({ seed });
