"""The ports, subnets and names of the test cluster, each in one place.

The ports are not the usual ones, so that another cluster can run on the same machine.  Every
address that is not loopback comes out of 10.89.0.0/16.
"""

LOOPBACK = "127.0.0.1"
APISERVER_PORT = 16443
ETCD_CLIENT_PORT = 12379
ETCD_PEER_PORT = 12380
KUBELET_PORT = 11250
CONTROLLER_MANAGER_PORT = 11257
SCHEDULER_PORT = 11259

APISERVER_URL = f"https://{LOOPBACK}:{APISERVER_PORT}"
ETCD_CLIENT_URL = f"http://{LOOPBACK}:{ETCD_CLIENT_PORT}"
ETCD_PEER_URL = f"http://{LOOPBACK}:{ETCD_PEER_PORT}"

NODE_NAME = "node1"
# The kubelet refuses a loopback address as its node's ("nodeIP can't be loopback address"), but
# not another address of the loopback device.  With one of its own the API server finds the kubelet
# by InternalIP, nothing has to be written into /etc/hosts, nothing listens on an address of the
# network, and the node has the same address on every machine.
NODE_ADDRESS = "10.89.128.1"

POD_SUBNET = "10.89.0.0/17"
SERVICE_SUBNET = "10.89.192.0/18"
KUBERNETES_SERVICE_ADDRESS = "10.89.192.1"
DNS_ADDRESS = "10.89.192.10"  # nothing answers there; the kubelet wants one for resolv.conf
NETWORK_NAME = "joblab"
