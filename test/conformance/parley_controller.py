"""Lets irctest (https://github.com/progval/irctest) start and judge this project's server.

The server is the bundle named by PARLEY_SERVER, run by the node named by PARLEY_NODE.
"""

import collections
import os
from typing import Any, Optional, Type

from irctest.basecontrollers import BaseServerController, DirectoryBasedController
from irctest.cases import BaseServerTestCase
from irctest.specifications import Capabilities, OptionalBehaviors


class ParleyController(BaseServerController, DirectoryBasedController):
    software_name = "Parley"
    supported_sasl_mechanisms = {"PLAIN", "SCRAM-SHA-256"}
    supports_sts = False
    extban_mute_char = "m"
    capabilities = frozenset(Capabilities)
    isupport = {"CASEMAPPING": "ascii", "NICKLEN": "64", "UTF8ONLY": None}
    optional_behaviors = frozenset(OptionalBehaviors)

    def run(
        self,
        hostname: str,
        port: int,
        *,
        password: Optional[str],
        ssl: bool,
        run_services: bool,
        faketime: Optional[str],
        websocket_hostname: Optional[str] = None,
        websocket_port: Optional[int] = None,
        **_: Any,
    ) -> None:
        assert self.proc is None
        self.create_config()
        self.hostname = hostname
        self.port = port
        command = [
            os.environ.get("PARLEY_NODE", "node"),
            os.environ["PARLEY_SERVER"],
            *("--listen", f"{hostname}:{port}"),
            *("--name", "My.Little.Server"),
            *("--oper", "operuser:operpassword"),
            "--no-flood-control",
            *("--description", "test server"),
        ]
        if websocket_hostname and websocket_port:
            command += ["--listen", f"{websocket_hostname}:{websocket_port}"]
        if password is not None:
            command += ["--password", password]
        if ssl:
            self.gen_ssl()
            command += ["--cert", str(self.pem_path), "--key", str(self.key_path)]
        if self.test_config.account_registration_before_connect:
            command.append("--register-before-connect")
        if self.test_config.account_registration_requires_email:
            command.append("--register-requires-email")
        if self.wants_always_on():
            command.append("--always-on")
        self.proc = self.execute(command)

    def wants_always_on(self) -> bool:
        """Tests that need people to stay while they are not connected say so in another server's words."""
        change = self.test_config.ergo_config
        if change is None:
            return False
        config = collections.defaultdict(lambda: collections.defaultdict(dict))
        change(config)
        return "always-on" in config["accounts"]["multiclient"]

    def wait_for_services(self) -> None:
        """Accounts are part of the server: there is nothing to wait for."""

    def registerUser(
        self, case: BaseServerTestCase, username: str, password: Optional[str] = None
    ) -> None:
        if not case.run_services:
            raise ValueError("a test that registers accounts must ask for services")
        assert password
        client = case.addClient(show_io=False)
        case.sendLine(client, "CAP LS 302")
        case.sendLine(client, "CAP REQ :draft/account-registration")
        case.sendLine(client, f"NICK {username}")
        case.sendLine(client, "USER r e g :user")
        case.sendLine(client, "CAP END")
        while case.getRegistrationMessage(client).command != "001":
            pass
        case.getMessages(client)
        case.sendLine(client, f"REGISTER * * {password}")
        message = case.getMessages(client)[0]
        assert message.params[:2] == ["SUCCESS", username], message
        case.sendLine(client, "QUIT")
        case.assertDisconnected(client)


def get_irctest_controller_class() -> Type[ParleyController]:
    return ParleyController
