// SPDX-License-Identifier: LGPL-2.1-or-later
// Zmq 1.0 for TypeScript, as gjs has it with the overrides of Zmq.js. What a function does is told by the
// reference. Needs the declarations of GLib, GObject and Gio, such as those of @girs.

declare module 'gi://Zmq?version=1.0' {
    import GLib from 'gi://GLib?version=2.0';
    import GObject from 'gi://GObject?version=2.0';
    import Gio from 'gi://Gio?version=2.0';

    namespace Zmq {
        /** What a frame is made of. */
        type Frame = string | Uint8Array | GLib.Bytes;
        /** What can be sent: a message, a frame, or frames. */
        type Sendable = Message | Frame | Frame[];

        const MAJOR_VERSION: number;
        const MICRO_VERSION: number;
        const MINOR_VERSION: number;
        function error_quark(): number;
        function curve_keypair(): [boolean, string, string];
        function curve_public_key(secret_key: string): string;

        type StreamReceiveFunc = (stream: Stream, message: Message) => void;

        type PollerFunc = (
            poller: Poller,
            socket: Socket | null,
            fd: number,
            condition: GLib.IOCondition,
        ) => void;
        type SocketSourceFunc = (socket: Socket, condition: GLib.IOCondition) => boolean;

        class Error extends GLib.Error {
            static readonly FAILED: number;
            static readonly AGAIN: number;
            static readonly INVALID_ARGUMENT: number;
            static readonly INVALID_DATA: number;
            static readonly NOT_SUPPORTED: number;
            static readonly PROTOCOL_NOT_SUPPORTED: number;
            static readonly INCOMPATIBLE: number;
            static readonly ADDRESS_IN_USE: number;
            static readonly ADDRESS_NOT_AVAILABLE: number;
            static readonly NOT_FOUND: number;
            static readonly WRONG_STATE: number;
            static readonly TERMINATED: number;
            static readonly CLOSED: number;
            static readonly NO_THREAD: number;
            static readonly HOST_UNREACHABLE: number;
            static readonly MESSAGE_TOO_LARGE: number;
            static readonly TOO_MANY_SOCKETS: number;
            static readonly PERMISSION_DENIED: number;
            static readonly QUEUE_FULL: number;
            static quark(): number;
        }

        enum GssapiNameType {
            HOST_BASED = 0,
            USER_NAME = 1,
            KRB5_PRINCIPAL = 2,
        }

        enum MonitorEventKind {
            CONNECTED = 1,
            CONNECT_DELAYED = 2,
            CONNECT_RETRIED = 4,
            LISTENING = 8,
            BIND_FAILED = 16,
            ACCEPTED = 32,
            ACCEPT_FAILED = 64,
            CLOSED = 128,
            CLOSE_FAILED = 256,
            DISCONNECTED = 512,
            MONITOR_STOPPED = 1024,
            HANDSHAKE_FAILED_NO_DETAIL = 2048,
            HANDSHAKE_SUCCEEDED = 4096,
            HANDSHAKE_FAILED_PROTOCOL = 8192,
            HANDSHAKE_FAILED_AUTH = 16384,
        }

        enum SecurityMechanism {
            NULL = 0,
            PLAIN = 1,
            CURVE = 2,
            GSSAPI = 3,
        }

        enum Option {
            AFFINITY = 4,
            ROUTING_ID = 5,
            SUBSCRIBE = 6,
            UNSUBSCRIBE = 7,
            RATE = 8,
            RECOVERY_INTERVAL = 9,
            SEND_BUFFER_SIZE = 11,
            RECEIVE_BUFFER_SIZE = 12,
            RECEIVE_MORE = 13,
            FD = 14,
            EVENTS = 15,
            SOCKET_TYPE = 16,
            LINGER = 17,
            RECONNECT_INTERVAL = 18,
            BACKLOG = 19,
            RECONNECT_INTERVAL_MAX = 21,
            MAX_MESSAGE_SIZE = 22,
            SEND_HIGH_WATER_MARK = 23,
            RECEIVE_HIGH_WATER_MARK = 24,
            MULTICAST_HOPS = 25,
            RECEIVE_TIMEOUT = 27,
            SEND_TIMEOUT = 28,
            IPV4_ONLY = 31,
            LAST_ENDPOINT = 32,
            ROUTER_MANDATORY = 33,
            TCP_KEEPALIVE = 34,
            TCP_KEEPALIVE_COUNT = 35,
            TCP_KEEPALIVE_IDLE = 36,
            TCP_KEEPALIVE_INTERVAL = 37,
            TCP_ACCEPT_FILTER = 38,
            IMMEDIATE = 39,
            XPUB_VERBOSE = 40,
            ROUTER_RAW = 41,
            IPV6 = 42,
            SECURITY_MECHANISM = 43,
            PLAIN_SERVER = 44,
            PLAIN_USERNAME = 45,
            PLAIN_PASSWORD = 46,
            CURVE_SERVER = 47,
            CURVE_PUBLIC_KEY = 48,
            CURVE_SECRET_KEY = 49,
            CURVE_SERVER_KEY = 50,
            PROBE_ROUTER = 51,
            REQUEST_CORRELATE = 52,
            REQUEST_RELAXED = 53,
            CONFLATE = 54,
            ZAP_DOMAIN = 55,
            ROUTER_HANDOVER = 56,
            TYPE_OF_SERVICE = 57,
            IPC_FILTER_PID = 58,
            IPC_FILTER_UID = 59,
            IPC_FILTER_GID = 60,
            CONNECT_ROUTING_ID = 61,
            GSSAPI_SERVER = 62,
            GSSAPI_PRINCIPAL = 63,
            GSSAPI_SERVICE_PRINCIPAL = 64,
            GSSAPI_PLAINTEXT = 65,
            HANDSHAKE_INTERVAL = 66,
            SOCKS_PROXY = 68,
            XPUB_NO_DROP = 69,
            XPUB_MANUAL = 71,
            XPUB_WELCOME_MESSAGE = 72,
            STREAM_NOTIFY = 73,
            INVERT_MATCHING = 74,
            HEARTBEAT_INTERVAL = 75,
            HEARTBEAT_TTL = 76,
            HEARTBEAT_TIMEOUT = 77,
            XPUB_VERBOSER = 78,
            CONNECT_TIMEOUT = 79,
            TCP_MAX_RETRANSMIT_TIMEOUT = 80,
            THREAD_SAFE = 81,
            MULTICAST_MAX_TPDU = 84,
            VMCI_BUFFER_SIZE = 85,
            VMCI_BUFFER_MIN_SIZE = 86,
            VMCI_BUFFER_MAX_SIZE = 87,
            VMCI_CONNECT_TIMEOUT = 88,
            USE_FD = 89,
            GSSAPI_PRINCIPAL_NAME_TYPE = 90,
            GSSAPI_SERVICE_PRINCIPAL_NAME_TYPE = 91,
            BIND_TO_DEVICE = 92,
            ZAP_ENFORCE_DOMAIN = 93,
        }

        enum SocketType {
            PAIR = 0,
            PUB = 1,
            SUB = 2,
            REQ = 3,
            REP = 4,
            DEALER = 5,
            ROUTER = 6,
            PULL = 7,
            PUSH = 8,
            XPUB = 9,
            XSUB = 10,
            STREAM = 11,
        }

        class Message {
            constructor(frames?: Frame | Frame[]);
            static new(): Message;
            static new_from_bytes(bytes: GLib.Bytes): Message;
            static new_from_string(string: string): Message;
            static new_from_strv(strv: string[]): Message;

            append_bytes(bytes: GLib.Bytes): void;
            append_data(data: Uint8Array | null): void;
            append_string(string: string): void;
            append_variant(variant: GLib.Variant): void;
            copy(): Message;
            dup_strv(): string[];
            equal(other: Message): boolean;
            get_frame(index: number): GLib.Bytes | null;
            get_frames(): GLib.Bytes[];
            get_user_id(): string | null;
            get_metadata(name: string): string | null;
            get_n_frames(): number;
            get_size(): number;
            get_string(index: number): string;
            get_variant(index: number, type: GLib.VariantType): GLib.Variant;
            peek_frame(index: number): Uint8Array | null;
            pop_frame(): GLib.Bytes | null;
            prepend_bytes(bytes: GLib.Bytes): void;
            prepend_string(string: string): void;
            ref(): Message;
            to_string(): string;
            track(): Tracker;
            unref(): void;

            /** How many frames there are. */
            readonly length: number;
            /** A copy of the content of a frame. */
            frame(index: number): Uint8Array;
            /** What a frame of JSON in UTF-8 says, the first one when none is named. */
            json(index?: number): any;
            /** The frames for people: text, or hexadecimal digits; long ones are cut. */
            toString(): string;
            [Symbol.iterator](): Generator<Uint8Array, void, void>;
        }

        interface ContextProperties extends GObject.Object.ConstructorProps {
            io_threads: number;
            ipv6: boolean;
            max_message_size: number;
            max_sockets: number;
            thread_name_prefix: number;
            thread_priority: number;
            thread_scheduling_policy: number;
        }

        class Certificate extends GObject.Object {
            constructor();
            static load(file: Gio.File, cancellable?: Gio.Cancellable | null): Certificate;
            static new(): Certificate;
            static new_from_keys(
                public_key: string,
                secret_key?: string | null,
                metadata?: Record<string, string> | null,
            ): Certificate;

            dup_secret_key(): string | null;
            get_metadata(): Record<string, string>;
            get_public_key(): string;
            has_secret_key(): boolean;
            save(file: Gio.File, cancellable?: Gio.Cancellable | null): boolean;
            save_public(file: Gio.File, cancellable?: Gio.Cancellable | null): boolean;
        }

        class Context extends GObject.Object {
            constructor(properties?: Partial<ContextProperties>);
            static new(): Context;
            static new_for_handle(zmq_ctx: any): Context;
            static get_default(): Context;

            io_threads: number;
            ipv6: boolean;
            max_message_size: number;
            max_sockets: number;
            readonly socket_limit: number;
            thread_name_prefix: number;
            thread_priority: number;
            thread_scheduling_policy: number;

            shutdown(): void;
            terminate(cancellable?: Gio.Cancellable | null): boolean;
            terminate_async(cancellable?: Gio.Cancellable | null): Promise<boolean>;
            terminate_async(
                cancellable: Gio.Cancellable | null,
                callback: Gio.AsyncReadyCallback<this>,
            ): void;
            terminate_finish(result: Gio.AsyncResult): boolean;
        }

        class Poller extends GObject.Object {
            constructor(properties?: Partial<GObject.Object.ConstructorProps>);
            static new(): Poller;

            add_fd(fd: number, condition: GLib.IOCondition, func: PollerFunc | null): boolean;
            add_socket(socket: Socket, condition: GLib.IOCondition, func: PollerFunc | null): boolean;
            create_source(): GLib.Source;
            modify_fd(fd: number, condition: GLib.IOCondition): boolean;
            modify_socket(socket: Socket, condition: GLib.IOCondition): boolean;
            remove_fd(fd: number): boolean;
            remove_socket(socket: Socket): boolean;
            wait(timeout_us?: number, cancellable?: Gio.Cancellable | null): number;
        }

        interface SocketProperties extends GObject.Object.ConstructorProps {
            affinity: number;
            backlog: number;
            bind_to_device: string | null;
            conflate: boolean;
            connect_routing_id: Frame | null;
            connect_timeout: number;
            context: Context | null;
            curve_public_key: string | null;
            curve_secret_key: string | null;
            curve_server: boolean;
            curve_server_key: string | null;
            gssapi_plaintext: boolean;
            gssapi_principal: string | null;
            gssapi_principal_name_type: GssapiNameType;
            gssapi_server: boolean;
            gssapi_service_principal: string | null;
            gssapi_service_principal_name_type: GssapiNameType;
            handshake_interval: number;
            heartbeat_interval: number;
            heartbeat_timeout: number;
            heartbeat_ttl: number;
            immediate: boolean;
            invert_matching: boolean;
            ipv6: boolean;
            linger: number;
            max_frames: number;
            max_message_size: number;
            multicast_hops: number;
            multicast_max_tpdu: number;
            plain_password: string | null;
            plain_server: boolean;
            plain_username: string | null;
            probe_router: boolean;
            rate: number;
            receive_buffer_size: number;
            receive_high_water_mark: number;
            receive_timeout: number;
            reconnect_interval: number;
            reconnect_interval_max: number;
            recovery_interval: number;
            request_correlate: boolean;
            request_relaxed: boolean;
            router_handover: boolean;
            router_mandatory: boolean;
            router_raw: boolean;
            routing_id: Frame | null;
            send_buffer_size: number;
            send_high_water_mark: number;
            send_timeout: number;
            socket_type: SocketType;
            socks_proxy: string | null;
            stream_notify: boolean;
            tcp_keepalive: number;
            tcp_keepalive_count: number;
            tcp_keepalive_idle: number;
            tcp_keepalive_interval: number;
            tcp_max_retransmit_timeout: number;
            type_of_service: number;
            use_fd: number;
            vmci_buffer_max_size: number;
            vmci_buffer_min_size: number;
            vmci_buffer_size: number;
            vmci_connect_timeout: number;
            xpub_manual: boolean;
            xpub_no_drop: boolean;
            xpub_verbose: boolean;
            xpub_verboser: boolean;
            xpub_welcome_message: Frame | null;
            zap_domain: string | null;
            zap_enforce_domain: boolean;
        }

        class Socket extends GObject.Object {
            constructor(properties?: Partial<SocketProperties>);
            static new(context: Context | null, type: SocketType): Socket;
            static new_for_handle(handle: any): Socket;

            affinity: number;
            backlog: number;
            bind_to_device: string | null;
            conflate: boolean;
            get connect_routing_id(): GLib.Bytes | null;
            set connect_routing_id(value: Frame | null);
            connect_timeout: number;
            readonly context: Context | null;
            curve_public_key: string | null;
            curve_secret_key: string | null;
            curve_server: boolean;
            curve_server_key: string | null;
            gssapi_plaintext: boolean;
            gssapi_principal: string | null;
            gssapi_principal_name_type: GssapiNameType;
            gssapi_server: boolean;
            gssapi_service_principal: string | null;
            gssapi_service_principal_name_type: GssapiNameType;
            handshake_interval: number;
            heartbeat_interval: number;
            heartbeat_timeout: number;
            heartbeat_ttl: number;
            immediate: boolean;
            invert_matching: boolean;
            ipv6: boolean;
            readonly last_endpoint: string | null;
            linger: number;
            max_frames: number;
            max_message_size: number;
            multicast_hops: number;
            multicast_max_tpdu: number;
            plain_password: string | null;
            plain_server: boolean;
            plain_username: string | null;
            probe_router: boolean;
            rate: number;
            receive_buffer_size: number;
            receive_high_water_mark: number;
            receive_timeout: number;
            reconnect_interval: number;
            reconnect_interval_max: number;
            recovery_interval: number;
            request_correlate: boolean;
            request_relaxed: boolean;
            router_handover: boolean;
            router_mandatory: boolean;
            router_raw: boolean;
            get routing_id(): GLib.Bytes | null;
            set routing_id(value: Frame | null);
            readonly security_mechanism: SecurityMechanism;
            send_buffer_size: number;
            send_high_water_mark: number;
            send_timeout: number;
            readonly socket_type: SocketType;
            socks_proxy: string | null;
            stream_notify: boolean;
            tcp_keepalive: number;
            tcp_keepalive_count: number;
            tcp_keepalive_idle: number;
            tcp_keepalive_interval: number;
            tcp_max_retransmit_timeout: number;
            type_of_service: number;
            use_fd: number;
            vmci_buffer_max_size: number;
            vmci_buffer_min_size: number;
            vmci_buffer_size: number;
            vmci_connect_timeout: number;
            xpub_manual: boolean;
            xpub_no_drop: boolean;
            xpub_verbose: boolean;
            xpub_verboser: boolean;
            get xpub_welcome_message(): GLib.Bytes | null;
            set xpub_welcome_message(value: Frame | null);
            zap_domain: string | null;
            zap_enforce_domain: boolean;

            bind(endpoint: string): boolean;
            close(): void;
            connect_to(endpoint: string): boolean;
            create_source(
                condition: GLib.IOCondition,
                cancellable: Gio.Cancellable | null,
            ): GLib.Source;
            disconnect_from(endpoint: string): boolean;
            get_condition(): GLib.IOCondition;
            get_context(): Context | null;
            get_handle(): any;
            get_option_bytes(option: number): GLib.Bytes;
            get_option_int(option: number): [boolean, number];
            get_socket_type(): SocketType;
            is_closed(): boolean;
            receive(cancellable?: Gio.Cancellable | null): Message;
            receive_async(
                io_priority?: number,
                cancellable?: Gio.Cancellable | null,
            ): Promise<Message>;
            receive_async(cancellable: Gio.Cancellable): Promise<Message>;
            receive_async(
                io_priority: number,
                cancellable: Gio.Cancellable | null,
                callback: Gio.AsyncReadyCallback<this>,
            ): void;
            receive_finish(result: Gio.AsyncResult): Message;
            send(message: Sendable, cancellable?: Gio.Cancellable | null): boolean;
            send_async(
                message: Sendable,
                io_priority?: number,
                cancellable?: Gio.Cancellable | null,
            ): Promise<boolean>;
            send_async(message: Sendable, cancellable: Gio.Cancellable): Promise<boolean>;
            send_async(
                message: Sendable,
                io_priority: number,
                cancellable: Gio.Cancellable | null,
                callback: Gio.AsyncReadyCallback<this>,
            ): void;
            send_finish(result: Gio.AsyncResult): boolean;
            /** Sends a value as JSON, in one frame. */
            send_json(value: unknown, cancellable?: Gio.Cancellable | null): boolean;
            set_curve_client(own: Certificate, server_key: string): boolean;
            set_curve_server(certificate: Certificate): boolean;
            set_option(name: string, value: unknown): boolean;
            set_option_bytes(option: number, value: GLib.Bytes | null): boolean;
            set_option_int(option: number, value: number): boolean;
            subscribe(prefix: string | Uint8Array): boolean;
            subscribe_bytes(prefix: GLib.Bytes): boolean;
            put_back(message: Message): void;
            try_receive(): Message;
            try_receive_many(limit?: number): Message[];
            try_send(message: Sendable): boolean;
            unbind(endpoint: string): boolean;
            unsubscribe(prefix: string | Uint8Array): boolean;
            unsubscribe_bytes(prefix: GLib.Bytes): boolean;
            wait(
                condition: GLib.IOCondition,
                timeout_us?: number,
                cancellable?: Gio.Cancellable | null,
            ): boolean;
            wait_async(
                condition: GLib.IOCondition,
                io_priority?: number,
                cancellable?: Gio.Cancellable | null,
            ): Promise<GLib.IOCondition>;
            wait_async(condition: GLib.IOCondition, cancellable: Gio.Cancellable): Promise<GLib.IOCondition>;
            wait_async(
                condition: GLib.IOCondition,
                io_priority: number,
                cancellable: Gio.Cancellable | null,
                callback: Gio.AsyncReadyCallback<this>,
            ): void;
            wait_finish(result: Gio.AsyncResult): GLib.IOCondition;

            /** Connects the socket to an endpoint, as `connect_to` does. */
            connect(endpoint: string): boolean;
            connect(signal: string, callback: (...args: any[]) => any): number;
            /** Disconnects the socket from an endpoint, as `disconnect_from` does. */
            disconnect(endpoint: string): boolean;
            disconnect(id: number): void;
        }

        interface StreamProperties extends GObject.Object.ConstructorProps {
            owned_by_loop: boolean;
            paused: boolean;
            priority: number;
            send_limit: number;
            socket: Socket;
        }

        class Stream extends GObject.Object {
            constructor(properties: Partial<StreamProperties> & {socket: Socket});
            static new(socket: Socket): Stream;
            static new_bound(type: SocketType, endpoint: string): Stream;
            static new_connected(type: SocketType, endpoint: string): Stream;

            readonly main_context: GLib.MainContext | null;
            readonly n_queued: number;
            readonly open: boolean;
            readonly owned_by_loop: boolean;
            paused: boolean;
            readonly priority: number;
            send_limit: number;
            readonly socket: Socket;

            close(): void;
            discard(): number;
            drain_async(cancellable?: Gio.Cancellable | null): Promise<boolean>;
            drain_async(
                cancellable: Gio.Cancellable | null,
                callback: Gio.AsyncReadyCallback<this>,
            ): void;
            drain_finish(result: Gio.AsyncResult): boolean;
            flush(condition: GLib.IOCondition, limit?: number): number;
            get_n_queued(): number;
            get_socket(): Socket;
            is_closed(): boolean;
            receive_async(cancellable?: Gio.Cancellable | null): Promise<Message>;
            receive_async(
                cancellable: Gio.Cancellable | null,
                callback: Gio.AsyncReadyCallback<this>,
            ): void;
            receive_finish(result: Gio.AsyncResult): Message;
            send(message: Sendable): boolean;
            send_bytes(bytes: GLib.Bytes): boolean;
            send_data(data: Uint8Array | null): boolean;
            send_full(
                message: Sendable,
                timeout_us?: number,
                cancellable?: Gio.Cancellable | null,
            ): boolean;
            /** Sends a value as JSON, in one frame. */
            send_json(value: unknown): boolean;
            send_string(string: string): boolean;
            set_receive_func(func: StreamReceiveFunc | null): void;
            vfunc_closed(error: GLib.Error | null): void;
            vfunc_rejected(error: GLib.Error): void;
            vfunc_drained(): void;
            vfunc_received(message: Message): void;
            vfunc_sent(message: Message, error: GLib.Error | null): void;

            connect(
                signal: 'closed',
                callback: (source: this, error: GLib.Error | null) => void,
            ): number;
            connect_after(
                signal: 'closed',
                callback: (source: this, error: GLib.Error | null) => void,
            ): number;
            connect(signal: 'rejected', callback: (source: this, error: GLib.Error) => void): number;
            connect_after(
                signal: 'rejected',
                callback: (source: this, error: GLib.Error) => void,
            ): number;
            connect(signal: 'drained', callback: (source: this) => void): number;
            connect_after(signal: 'drained', callback: (source: this) => void): number;
            connect(signal: 'received', callback: (source: this, message: Message) => void): number;
            connect_after(
                signal: 'received',
                callback: (source: this, message: Message) => void,
            ): number;
            connect(
                signal: 'sent',
                callback: (source: this, message: Message, error: GLib.Error | null) => void,
            ): number;
            connect_after(
                signal: 'sent',
                callback: (source: this, message: Message, error: GLib.Error | null) => void,
            ): number;
            connect(signal: string, callback: (...args: any[]) => any): number;
            connect_after(signal: string, callback: (...args: any[]) => any): number;

            /**
             * Yields messages until the stream is closed; throws what closed it, if that was an error. Each
             * message goes to one of those who iterate.
             */
            [Symbol.asyncIterator](): AsyncIterableIterator<Message>;
        }

        enum ClientEnvelope {
            CORRELATED = 0,
            NONE = 1,
        }

        enum ClientStrategy {
            FAILOVER = 0,
            SPREAD = 1,
            ALL = 2,
        }

        interface ClientProperties extends GObject.Object.ConstructorProps {
            context: Context | null;
            envelope: ClientEnvelope;
            max_tries: number;
            owned_by_loop: boolean;
            strategy: ClientStrategy;
            timeout_us: number;
        }

        /** Sends requests and gets their answers. Lives until it is closed. */
        class Client extends GObject.Object {
            constructor(properties?: Partial<ClientProperties>);
            static new(context?: Context | null): Client;

            readonly connected: boolean;
            readonly context: Context;
            envelope: ClientEnvelope;
            max_tries: number;
            readonly n_pending: number;
            readonly owned_by_loop: boolean;
            strategy: ClientStrategy;
            timeout_us: number;

            close(): void;
            connect_to(endpoint: string): boolean;
            disconnect_from(endpoint: string): boolean;
            get_connected(): boolean;
            get_context(): Context;
            get_envelope(): ClientEnvelope;
            get_max_tries(): number;
            get_n_pending(): number;
            get_strategy(): ClientStrategy;
            get_timeout_us(): number;
            is_closed(): boolean;
            request(message: Sendable, cancellable?: Gio.Cancellable | null): Message;
            request_async(message: Sendable, cancellable?: Gio.Cancellable | null): Promise<Message>;
            request_async(
                message: Sendable,
                cancellable: Gio.Cancellable | null,
                callback: Gio.AsyncReadyCallback<this>,
            ): void;
            request_finish(result: Gio.AsyncResult): Message;
            set_envelope(envelope: ClientEnvelope): void;
            set_max_tries(max_tries: number): void;
            set_strategy(strategy: ClientStrategy): void;
            set_timeout_us(timeout_us: number): void;

            connect(endpoint: string): boolean;
            connect(signal: 'configure', callback: (source: this, socket: Socket) => void): number;
            connect_after(
                signal: 'configure',
                callback: (source: this, socket: Socket) => void,
            ): number;
            connect(signal: string, callback: (...args: any[]) => any): number;
            connect_after(signal: string, callback: (...args: any[]) => any): number;
            disconnect(endpoint: string): boolean;
            disconnect(id: number): void;
        }

        enum FeedMode {
            LOG = 0,
            LATEST = 1,
        }

        /** A row of a feed. */
        class FeedItem extends GObject.Object {
            readonly message: Message;
            readonly n_updates: number;
            readonly time: number;
            readonly topic: string;

            get_message(): Message;
            get_n_updates(): number;
            get_time(): number;
            get_topic(): string;
        }

        interface FeedProperties extends GObject.Object.ConstructorProps {
            interval_us: number;
            max_items: number;
            mode: FeedMode;
            owned_by_loop: boolean;
            stream: Stream;
        }

        /** A list of what a stream receives. Lives until it or its stream is closed. */
        class Feed extends GObject.Object {
            constructor(properties: Partial<FeedProperties> & {stream: Stream});
            static new(stream: Stream): Feed;

            interval_us: number;
            max_items: number;
            mode: FeedMode;
            readonly n_items: number;
            readonly owned_by_loop: boolean;
            readonly stream: Stream;

            close(): void;
            get_interval_us(): number;
            get_max_items(): number;
            get_mode(): FeedMode;
            get_stream(): Stream;
            is_closed(): boolean;
            set_interval_us(interval_us: number): void;
            set_max_items(max_items: number): void;
            set_mode(mode: FeedMode): void;
            [Symbol.iterator](): IterableIterator<FeedItem>;
        }

        /** Who sends to a ROUTER. */
        class Peer extends GObject.Object {
            readonly address: string | null;
            readonly id: GLib.Bytes;
            readonly last_seen: number;
            readonly n_messages: number;
            object: GObject.Object | null;
            readonly user_id: string | null;

            get_address(): string | null;
            get_id(): GLib.Bytes;
            get_last_seen(): number;
            get_n_messages(): number;
            get_object(): GObject.Object | null;
            get_user_id(): string | null;
            set_object(object: GObject.Object | null): void;
        }

        interface PeerListProperties extends GObject.Object.ConstructorProps {
            expiry_us: number;
            owned_by_loop: boolean;
            stream: Stream;
        }

        /** A list of those who send to a ROUTER. Lives until it or its stream is closed. */
        class PeerList extends GObject.Object {
            constructor(properties: Partial<PeerListProperties> & {stream: Stream});
            static new(router: Stream): PeerList;

            expiry_us: number;
            readonly n_items: number;
            readonly owned_by_loop: boolean;
            readonly stream: Stream;

            close(): void;
            get_expiry_us(): number;
            lookup(id: GLib.Bytes): Peer | null;
            set_expiry_us(expiry_us: number): void;
            [Symbol.iterator](): IterableIterator<Peer>;

            connect(signal: 'appeared', callback: (source: this, peer: Peer) => void): number;
            connect(signal: 'expired', callback: (source: this, peer: Peer) => void): number;
            connect_after(signal: 'appeared', callback: (source: this, peer: Peer) => void): number;
            connect_after(signal: 'expired', callback: (source: this, peer: Peer) => void): number;
            connect(signal: string, callback: (...args: any[]) => any): number;
            connect_after(signal: string, callback: (...args: any[]) => any): number;
        }

        enum ProxyDirection {
            IN = 0,
            OUT = 1,
        }

        interface ProxyProperties extends GObject.Object.ConstructorProps {
            backend: Socket;
            capture: Socket | null;
            frontend: Socket;
            owned_by_loop: boolean;
            paused: boolean;
            prefix_in: GLib.Bytes | null;
            prefix_out: GLib.Bytes | null;
        }

        class Proxy extends GObject.Object {
            constructor(properties: Partial<ProxyProperties> & {frontend: Socket; backend: Socket});
            static new(frontend: Socket, backend: Socket, capture?: Socket | null): Proxy;

            readonly backend: Socket;
            readonly capture: Socket | null;
            readonly frontend: Socket;
            readonly n_bytes_in: number;
            readonly n_bytes_out: number;
            readonly n_forwarded_in: number;
            readonly n_forwarded_out: number;
            readonly owned_by_loop: boolean;
            paused: boolean;
            prefix_in: GLib.Bytes | null;
            prefix_out: GLib.Bytes | null;
            readonly running: boolean;

            get_n_bytes_in(): number;
            get_n_bytes_out(): number;
            get_n_forwarded_in(): number;
            get_n_forwarded_out(): number;
            get_paused(): boolean;
            get_running(): boolean;
            set_paused(paused: boolean): void;
            start(): void;
            start_in_thread(): boolean;
            stop(): void;

            connect(
                signal: 'forward',
                callback: (source: this, direction: ProxyDirection, message: Message) => boolean,
            ): number;
            connect_after(
                signal: 'forward',
                callback: (source: this, direction: ProxyDirection, message: Message) => boolean,
            ): number;
            connect(
                signal: 'stopped',
                callback: (source: this, error: GLib.Error | null) => void,
            ): number;
            connect_after(
                signal: 'stopped',
                callback: (source: this, error: GLib.Error | null) => void,
            ): number;
            connect(signal: string, callback: (...args: any[]) => any): number;
            connect_after(signal: string, callback: (...args: any[]) => any): number;
        }

        class Request extends GObject.Object {
            readonly message: Message;
            readonly peer: GLib.Bytes;
            readonly user_id: string | null;

            get_message(): Message;
            get_peer(): GLib.Bytes;
            get_user_id(): string | null;
            reply(message: Sendable): boolean;
        }

        interface ServerProperties extends GObject.Object.ConstructorProps {
            context: Context | null;
            max_pending: number;
            owned_by_loop: boolean;
        }

        class Server extends GObject.Object {
            constructor(properties?: Partial<ServerProperties>);
            static new(context?: Context | null): Server;

            readonly context: Context;
            readonly last_endpoint: string | null;
            max_pending: number;
            readonly n_pending: number;
            readonly owned_by_loop: boolean;

            bind(endpoint: string): boolean;
            close(): void;
            dup_last_endpoint(): string | null;
            get_context(): Context;
            get_max_pending(): number;
            get_n_pending(): number;
            get_socket(): Socket;
            is_closed(): boolean;
            set_max_pending(max_pending: number): void;

            connect(signal: 'request', callback: (source: this, request: Request) => void): number;
            connect_after(signal: 'request', callback: (source: this, request: Request) => void): number;
            connect(signal: string, callback: (...args: any[]) => any): number;
            connect_after(signal: string, callback: (...args: any[]) => any): number;
        }

        class AuthRequest extends GObject.Object {
            readonly address: string;
            readonly domain: string;
            readonly identity: GLib.Bytes;
            readonly mechanism: SecurityMechanism;
            readonly password: string | null;
            readonly public_key: string | null;
            readonly user: string | null;

            accept(user_id?: string | null, metadata?: {[name: string]: string} | null): boolean;
            deny(status?: number, text?: string | null): boolean;
            get_address(): string;
            get_domain(): string;
            get_identity(): GLib.Bytes;
            get_mechanism(): SecurityMechanism;
            get_password(): string | null;
            get_public_key(): string | null;
            get_user(): string | null;
        }

        interface AuthenticatorProperties extends GObject.Object.ConstructorProps {
            context: Context | null;
            owned_by_loop: boolean;
            timeout_us: number;
        }

        class Authenticator extends GObject.Object {
            constructor(properties?: Partial<AuthenticatorProperties>);
            static new(context?: Context | null): Authenticator;

            readonly context: Context;
            readonly n_accepted: number;
            readonly n_denied: number;
            readonly owned_by_loop: boolean;
            timeout_us: number;

            add_password(domain: string | null, user: string, password: string | null): void;
            allow_address(address: string): void;
            allow_any_curve(domain: string | null): void;
            allow_key(domain: string | null, public_key: string, user_id?: string | null): void;
            close(): void;
            deny_address(address: string): void;
            deny_key(domain: string | null, public_key: string): void;
            get_n_accepted(): number;
            get_n_denied(): number;
            get_timeout_us(): number;
            is_closed(): boolean;
            protect(socket: Socket, domain: string | null): boolean;
            set_certificate_directory(domain: string | null, directory: Gio.File | null): boolean;
            set_timeout_us(timeout_us: number): void;

            connect(
                signal: 'authenticate',
                callback: (source: this, request: AuthRequest) => boolean,
            ): number;
            connect_after(
                signal: 'authenticate',
                callback: (source: this, request: AuthRequest) => boolean,
            ): number;
            connect(signal: string, callback: (...args: any[]) => any): number;
            connect_after(signal: string, callback: (...args: any[]) => any): number;
        }

        class MonitorEvent {
            get_endpoint(): string | null;
            get_error(): GLib.Error | null;
            get_interval_us(): number;
            get_kind(): MonitorEventKind;
            ref(): MonitorEvent;
            to_string(): string;
            unref(): void;
        }

        interface MonitorProperties extends GObject.Object.ConstructorProps {
            owned_by_loop: boolean;
            socket: Socket;
        }

        class Monitor extends GObject.Object {
            constructor(properties: Partial<MonitorProperties> & {socket: Socket});
            static new(socket: Socket): Monitor;

            readonly connected: boolean;
            readonly n_peers: number;
            readonly owned_by_loop: boolean;

            close(): void;
            get_connected(): boolean;
            get_n_peers(): number;
            is_closed(): boolean;
            wait_async(
                kinds: MonitorEventKind,
                timeout_us: number,
                cancellable?: Gio.Cancellable | null,
            ): Promise<MonitorEvent>;
            wait_async(
                kinds: MonitorEventKind,
                timeout_us: number,
                cancellable: Gio.Cancellable | null,
                callback: Gio.AsyncReadyCallback<this>,
            ): void;
            wait_finish(result: Gio.AsyncResult): MonitorEvent;

            connect(signal: 'event', callback: (source: this, event: MonitorEvent) => void): number;
            connect_after(
                signal: 'event',
                callback: (source: this, event: MonitorEvent) => void,
            ): number;
            connect(signal: string, callback: (...args: any[]) => any): number;
            connect_after(signal: string, callback: (...args: any[]) => any): number;
        }

        class Tracker extends GObject.Object {
            readonly done: boolean;

            is_done(): boolean;
            wait(timeout_us?: number, cancellable?: Gio.Cancellable | null): boolean;
            wait_async(cancellable?: Gio.Cancellable | null): Promise<boolean>;
            wait_async(
                cancellable: Gio.Cancellable | null,
                callback: Gio.AsyncReadyCallback<this>,
            ): void;
            wait_finish(result: Gio.AsyncResult): boolean;
        }
    }

    export default Zmq;
}

declare module 'gi://Zmq' {
    import Zmq from 'gi://Zmq?version=1.0';
    export default Zmq;
}
