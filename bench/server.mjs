// The neutral server of every measurement: bare node:http with canned bytes, in a process of its own. Prints its port.
import { createServer } from "node:http";

const instances = Array.from({ length: 500 }, (_, n) => instance(n)).join("");
const describe = `<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId><reservationSet><item><reservationId>r-1234567890abcdef0</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet>${instances}</instancesSet></item></reservationSet></DescribeInstancesResponse>`;
const keys = Array.from(
  { length: 1000 },
  (_, n) =>
    `<Contents><Key>photos/2026/11/${String(n).padStart(6, "0")}.jpg</Key><LastModified>2026-11-24T10:00:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>${n * 1031}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
).join("");
const list = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix></Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${keys}</ListBucketResult>`;

const xml = { "content-type": "text/xml;charset=UTF-8" };
const object = {
  "content-type": "application/octet-stream",
  etag: '"d41d8cd98f00b204e9800998ecf8427e"',
  "last-modified": "Tue, 24 Nov 2026 10:00:00 GMT",
  "accept-ranges": "bytes",
};
const answers = {
  describe: [xml, Buffer.from(describe)],
  list: [xml, Buffer.from(list)],
  "1k": [object, Buffer.alloc(1024, 97)],
  "1m": [object, Buffer.alloc(1024 * 1024, 97)],
};

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const name =
      request.method === "POST"
        ? "describe"
        : request.url.includes("list-type")
          ? "list"
          : request.url.includes("1m")
            ? "1m"
            : "1k";
    const [headers, body] = answers[name];
    response.writeHead(200, {
      ...headers,
      "content-length": body.length,
      "x-amz-request-id": "59dbff8935bd4eac",
    });
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

function instance(n) {
  const id = n.toString(16).padStart(17, "0");
  return `<item><instanceId>i-${id}</instanceId><imageId>ami-bff32ccc</imageId><instanceState><code>16</code><name>running</name></instanceState><privateDnsName>ip-10-0-0-${n % 256}.eu-west-1.compute.internal</privateDnsName><dnsName>ec2-54-194-252-${n % 256}.eu-west-1.compute.amazonaws.com</dnsName><reason/><keyName>my_keypair</keyName><amiLaunchIndex>${n}</amiLaunchIndex><productCodes/><instanceType>t3.micro</instanceType><launchTime>2026-05-08T16:46:19.000Z</launchTime><placement><availabilityZone>eu-west-1c</availabilityZone><groupName/><tenancy>default</tenancy></placement><monitoring><state>disabled</state></monitoring><subnetId>subnet-56f5f633</subnetId><vpcId>vpc-11112222</vpcId><privateIpAddress>10.0.0.${n % 256}</privateIpAddress><ipAddress>54.194.252.${n % 256}</ipAddress><sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>sg-e4076980</groupId><groupName>SecurityGroup1</groupName></item></groupSet><architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-${id}</volumeId><status>attached</status><attachTime>2026-05-08T16:46:19.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping><virtualizationType>hvm</virtualizationType><clientToken>xMcwG14507example</clientToken><tagSet><item><key>Name</key><value>Server_${n}</value></item><item><key>team</key><value>platform</value></item></tagSet><hypervisor>xen</hypervisor><networkInterfaceSet><item><networkInterfaceId>eni-${id}</networkInterfaceId><subnetId>subnet-56f5f633</subnetId><vpcId>vpc-11112222</vpcId><description>Primary network interface</description><ownerId>123456789012</ownerId><status>in-use</status><macAddress>02:dd:2c:5e:01:69</macAddress><privateIpAddress>10.0.0.${n % 256}</privateIpAddress><sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>sg-e4076980</groupId><groupName>SecurityGroup1</groupName></item></groupSet></item></networkInterfaceSet><ebsOptimized>false</ebsOptimized></item>`;
}
