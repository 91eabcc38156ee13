import { createContext } from 'react';

/** Whether there is a frame, with a main part of its own, around what is shown. */
export const InFrame = createContext(false);
