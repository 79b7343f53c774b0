// SPDX-License-Identifier: LGPL-2.1-or-later
// As much of gjs as the examples use, so that they can be checked without the declarations of @girs.

declare const imports: any;
declare const ARGV: string[];
declare function print(...values: unknown[]): void;
declare function printerr(...values: unknown[]): void;
declare function logError(error: unknown, prefix?: string): void;

declare class TextDecoder {
    constructor(encoding?: string, options?: {fatal?: boolean});
    decode(bytes?: Uint8Array): string;
}

declare module 'gi://GLib?version=2.0' {
    namespace GLib {
        class Error {
            readonly code: number;
            readonly domain: number;
            readonly message: string;
            matches(domain: number | Function, code: number): boolean;
        }
        class Bytes {
            constructor(data: Uint8Array | number[]);
            toArray(): Uint8Array;
        }
        class MainContext {}
        class MainLoop {
            static new(context: MainContext | null, isRunning: boolean): MainLoop;
            quit(): void;
            run(): void;
        }
        class Source {}
        class Variant {}
        class VariantType {}
        enum IOCondition { IN = 1, PRI = 2, OUT = 4, ERR = 8, HUP = 16, NVAL = 32 }
        const PRIORITY_DEFAULT: number;
        const PRIORITY_LOW: number;
        const SOURCE_CONTINUE: boolean;
        const SOURCE_REMOVE: boolean;
        function timeout_add(priority: number, milliseconds: number, callback: () => boolean): number;
    }
    export default GLib;
}

declare module 'gi://GObject?version=2.0' {
    namespace GObject {
        class Object {
            connect(signal: string, callback: (...args: any[]) => any): number;
            connect_after(signal: string, callback: (...args: any[]) => any): number;
            disconnect(id: number): void;
        }
        namespace Object {
            interface ConstructorProps {}
        }
        function signal_handler_block(instance: Object, id: number): void;
        function signal_handler_unblock(instance: Object, id: number): void;
    }
    export default GObject;
}

declare module 'gi://Gio?version=2.0' {
    import GObject from 'gi://GObject?version=2.0';

    namespace Gio {
        interface AsyncResult {}
        type AsyncReadyCallback<T> = (source: T, result: AsyncResult) => void;
        class Cancellable extends GObject.Object {
            cancel(): void;
        }
        class IOErrorEnum {
            static readonly CANCELLED: number;
        }
    }
    export default Gio;
}

declare module 'gi://GLib' {
    export {default} from 'gi://GLib?version=2.0';
}
declare module 'gi://GObject' {
    export {default} from 'gi://GObject?version=2.0';
}
declare module 'gi://Gio' {
    export {default} from 'gi://Gio?version=2.0';
}
declare module 'system' {
    namespace System {
        function exit(status: number): never;
    }
    export default System;
}
