import { createContext } from 'react';

export const InAppShell = createContext(false);
