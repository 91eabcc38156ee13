import { createContext } from 'react';

/** Whether the page is inside the app shell, which has the `main` element. */
export const InAppShell = createContext(false);
