// SPDX-License-Identifier: LGPL-2.1-or-later
// What the overrides of Zmq.js have of keys and of who may come in: what is nullable can be left out.

/* exported overrideSecurity */

const {overrideMethod} = imports.overrides.ZmqReading;

// new Zmq.Certificate() has a new pair of keys.
function overrideCertificate(Zmq) {
    const {load, new_from_keys: newFromKeys, prototype} = Zmq.Certificate;

    overrideMethod(prototype, '_init', init => function () {
        init.call(this);
        this.init(null);
    });
    Zmq.Certificate.load = (file, cancellable = null) => load(file, cancellable);
    Zmq.Certificate.new_from_keys = (publicKey, secretKey = null, metadata = null) =>
        newFromKeys(publicKey, secretKey, metadata);
    for (const name of ['save', 'save_public']) {
        overrideMethod(prototype, name, save => function (file, cancellable = null) {
            return save.call(this, file, cancellable);
        });
    }
}

// An authenticator lives until it is closed.
function overrideAuthenticator(Zmq) {
    const {prototype} = Zmq.Authenticator;
    const check = (wasTaken, message) => {
        if (!wasTaken)
            throw new Zmq.Error({code: Zmq.Error.INVALID_ARGUMENT, message});
    };

    overrideMethod(prototype, '_init', init => function (properties = {}) {
        init.call(this, {owned_by_loop: true, ...properties});
        this.init(null);
    });
    Zmq.Authenticator.new = (context = null) => new Zmq.Authenticator({context});

    for (const name of ['allow_address', 'deny_address']) {
        overrideMethod(prototype, name, change => function (address) {
            check(change.call(this, address), `“${address}” is neither an address nor a range of addresses`);
        });
    }
    for (const name of ['allow_key', 'deny_key']) {
        overrideMethod(prototype, name, change => function (domain, publicKey, ...userId) {
            if (name === 'allow_key')
                userId = [userId[0] ?? null];
            check(change.call(this, domain, publicKey, ...userId), 'A public key is not 40 characters of Z85');
        });
    }
}

function overrideAuthRequest(Zmq) {
    overrideMethod(Zmq.AuthRequest.prototype, 'accept', accept => function (userId = null, metadata = null) {
        return accept.call(this, userId, metadata);
    });
    overrideMethod(Zmq.AuthRequest.prototype, 'deny', deny => function (status = 400, text = null) {
        return deny.call(this, status, text);
    });
}

function overrideSecurity(Zmq) {
    overrideCertificate(Zmq);
    overrideAuthenticator(Zmq);
    overrideAuthRequest(Zmq);
}
