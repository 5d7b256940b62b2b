import type { PublicAddress } from './public-address.js';

/** A web server that carries the bytes, and how the sample runs it: in the foreground, in a folder of its own. */
export interface WebServer {
  readonly program: string;
  /** What else has to be installed: a module's file. */
  readonly module?: string;
  /** Debian's packages that bring all of it. */
  readonly packages: string;
  /** The arguments, for a process whose working folder holds the file `configuration`. */
  readonly args: (folder: string) => readonly string[];
  /** The whole configuration, around the part that the library prints for the site. Its paths are relative to the folder. */
  readonly configuration: (site: string, address: PublicAddress) => string;
  /** Lets running downloads finish. */
  readonly stopSignal: NodeJS.Signals;
  /** Programs refuse to serve as root. */
  readonly refusesRoot?: true;
}

/** The file that holds the configuration, in the server's folder. */
export const CONFIGURATION = 'server.conf';
